"""Files as a molecular laboratory sends them: one module a layout, and the delivery that holds them together."""
