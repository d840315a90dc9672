"use strict";

const shop = document.body.dataset;
const money = new Intl.NumberFormat(shop.locale, { style: "currency", currency: shop.currency });
const cartName = `cart.${shop.shop}`;
const readCart = () => JSON.parse(localStorage.getItem(cartName) || "[]");
const track = (event, properties) => window.footfall.push(["track", event, { currency: shop.currency, ...properties }]);
const cents = (price) => Math.round(Number(price) * 100);
const amount = (value) => (value / 100).toFixed(2);

function keepCart(lines) {
  localStorage.setItem(cartName, JSON.stringify(lines));
  showCount();
}

function showCount() {
  const count = readCart().reduce((sum, line) => sum + line.quantity, 0);
  document.getElementById("count").textContent = count;
}

function sums(lines) {
  const goods = lines.reduce((sum, line) => sum + cents(line.price) * line.quantity, 0);
  const tax = Math.round((goods * Number(shop.tax)) / 100);
  const shipping = lines.length ? cents(shop.shipping) : 0;
  return { goods, tax, shipping, total: goods + tax + shipping };
}

function row(cells) {
  const tr = document.createElement("tr");
  for (const cell of cells) {
    const td = document.createElement("td");
    td.append(cell);
    tr.append(td);
  }
  return tr;
}

function removeButton(line) {
  const button = document.createElement("button");
  button.textContent = "Remove";
  button.addEventListener("click", () => {
    keepCart(readCart().filter((other) => other.product_id !== line.product_id || other.variant !== line.variant));
    track("Product Removed", line);
    showCart();
  });
  return button;
}

function showCart() {
  const place = document.getElementById("cart");
  const lines = readCart();
  if (!lines.length) {
    place.textContent = "Your cart is empty.";
    document.getElementById("go")?.setAttribute("hidden", "");
    return;
  }
  const isFixed = "fixed" in place.dataset;
  const table = document.createElement("table");
  const body = table.createTBody();
  for (const line of lines) {
    const value = money.format((cents(line.price) * line.quantity) / 100);
    body.append(row([line.name, `${line.quantity} ×`, value, ...(isFixed ? [] : [removeButton(line)])]));
  }
  const { tax, shipping, total } = sums(lines);
  const foot = table.createTFoot();
  const more = isFixed ? [] : [""];
  foot.append(row(["Shipping", "", money.format(shipping / 100), ...more]));
  if (tax) foot.append(row(["Tax", "", money.format(tax / 100), ...more]));
  foot.append(row(["Total", "", money.format(total / 100), ...more]));
  place.replaceChildren(table);
  (document.getElementById("go") || document.getElementById("order")).removeAttribute("hidden");
}

function addToCart(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const given = new FormData(form);
  const variant = given.get("variant");
  const product = { ...JSON.parse(form.dataset.product), ...(variant && { variant }) };
  const quantity = Number(given.get("quantity"));
  const lines = readCart();
  const known = lines.find((line) => line.product_id === product.product_id && line.variant === product.variant);
  if (known) known.quantity += quantity;
  else lines.push({ ...product, quantity });
  keepCart(lines);
  track("Product Added", { ...product, quantity });
  document.getElementById("added").hidden = false;
}

function placeOrder() {
  const lines = readCart();
  const { tax, shipping, total } = sums(lines);
  const order = `D-${Date.now().toString(36).toUpperCase()}`;
  track("Order Completed", {
    order_id: order,
    total: amount(total),
    tax: amount(tax),
    shipping: amount(shipping),
    products: lines,
  });
  keepCart([]);
  location.href = `thanks?order=${order}`;
}

const pages = {
  front: () => track("Product List Viewed", { list_id: "all" }),
  search: () => track("Products Searched", { query: document.getElementById("query").dataset.query }),
  product: () => {
    const form = document.getElementById("add");
    form.addEventListener("submit", addToCart);
    track("Product Viewed", JSON.parse(form.dataset.product));
  },
  cart: () => {
    showCart();
    track("Cart Viewed", { products: readCart() });
  },
  checkout: () => {
    showCart();
    track("Checkout Started", { products: readCart() });
    document.getElementById("order").addEventListener("click", placeOrder);
  },
  thanks: () => {
    document.getElementById("number").textContent = new URLSearchParams(location.search).get("order");
  },
};

showCount();
pages[shop.page]?.();
