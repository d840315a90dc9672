/**
 * Types of `window.footfall`, for a shop's own code: see docs/tracker.md.
 *
 *     /// <reference path="./footfall.d.ts" />
 *     footfall.productAdded({ product_id: "p-1", price: 12.5, quantity: 2 });
 */

/** An amount; decimals may come as text, so that nothing is lost on the way. */
export type Amount = number | string;

export interface Properties {
  [name: string]: unknown;
}

/** A product as Segment's ecommerce spec names it. */
export interface Product extends Properties {
  product_id?: string;
  sku?: string;
  name?: string;
  brand?: string;
  category?: string;
  variant?: string;
  price?: Amount;
  quantity?: number;
  coupon?: string;
  /** ISO 4217; else `data-currency`, else the shop's. */
  currency?: string;
}

export interface Products extends Properties {
  products: Product[];
  currency?: string;
}

export interface Order extends Products {
  order_id: string;
  total?: Amount;
  revenue?: Amount;
  shipping?: Amount;
  tax?: Amount;
  discount?: Amount;
  coupon?: string;
}

/** `full`: with a visitor id. `cookieless`: without one. `none`: not counted. */
export type Answer = "full" | "cookieless" | "none";

export interface Calls {
  track(event: string, properties?: Properties): void;
  /** Another page view; those of the address are sent without a call. */
  page(properties?: Properties): void;
  /** From now on the visitor's messages carry this id of the shop's own. */
  identify(userId?: string | null, traits?: Properties): void;
  /** Forgets the visitor and the user, as after signing out on a shared computer. */
  reset(): void;
  consent(answer: Answer): void;
  productsSearched(search: Properties & { query: string }): void;
  productViewed(product: Product): void;
  productAdded(product: Product): void;
  productRemoved(product: Product): void;
  cartViewed(cart: Products): void;
  checkoutStarted(cart: Partial<Order>): void;
  orderCompleted(order: Order): void;
}

type Call = { [Name in keyof Calls]: [Name, ...Parameters<Calls[Name]>] }[keyof Calls];

export interface Footfall extends Calls {
  readonly version: string;
  /** The address, with the visitor at its end where it leads to another of the shop's hosts: for `location.href = …`. */
  link(address: string): string;
  /** Calls as lists: `push(["track", "Gift Wrapped"])`. It is there before the script has loaded. */
  push(...calls: Call[]): void;
}

declare global {
  interface Window {
    footfall: Footfall;
  }
  var footfall: Footfall;
}
