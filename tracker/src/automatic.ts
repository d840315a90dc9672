/** What happens without a call: visitors are carried to the shop's other hosts, and events that `data-track` names are sent. */
import { track } from "./messages";
import { isOurs, options } from "./options";
import { newDepth } from "./page";
import { carried } from "./visitor";

const FILES = /\.(pdf|zip|docx?|xlsx?|csv)$/i;

function tell(event: string, properties: object): void {
  if (options.track?.includes(event)) track(event, properties as Record<string, unknown>);
}

/** The address is as it was once the browser has followed it, so that nobody copies a visitor. */
function carry(element: Element, attribute: string): void {
  const address = element.getAttribute(attribute) || "";
  const to = carried(address);
  if (to === address) return;
  element.setAttribute(attribute, to);
  setTimeout(() => element.setAttribute(attribute, address));
}

function follow({ target, button }: MouseEvent): void {
  const link = (target as Element).closest?.<HTMLAnchorElement>("a[href]");
  // the right button opens a menu
  if (!link || button > 1) return;
  carry(link, "href");
  const properties = { link_url: link.href };
  if (link.hasAttribute("download") || FILES.test(link.pathname)) tell("File Download", properties);
  if (link.hostname && !isOurs(link.hostname)) tell("Outbound Click", properties);
}

export function watchFollowing(): void {
  addEventListener("click", follow, true);
  addEventListener("auxclick", follow, true);
  addEventListener(
    "submit",
    ({ target }) => {
      carry(target as Element, "action");
      tell("Form Submit", { form_id: (target as Element).getAttribute("id") });
    },
    true,
  );
  addEventListener("scroll", () => {
    const percent_scrolled = newDepth();
    if (percent_scrolled) tell("Scroll", { percent_scrolled });
  });
}
