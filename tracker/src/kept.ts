/** Values kept between pages, where the browser allows it: localStorage, else memory for this page. */

const memory: Record<string, string> = {};

export function kept(name: string): string | null {
  try {
    return memory[name] ?? localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
    delete memory[name];
  } catch {
    memory[name] = value ?? "";
  }
}
