"""The public door: where a stranger asks for the free trial."""
