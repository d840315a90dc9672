/** Steps of a purchase, under the names of Segment's spec. */
export const PURCHASE_EVENTS =
  "Products Searched,Product Viewed,Product Added,Product Removed,Cart Viewed,Checkout Started,Order Completed".split(",");
