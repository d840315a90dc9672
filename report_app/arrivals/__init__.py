"""Messages of a shop as they arrive, each with its fate: what a person looks at while setting the shop up."""
