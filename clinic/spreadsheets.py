"""Text for a CSV file, which people open in a spreadsheet: there, a cell that begins like a formula is one."""

FIRST_OF_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: object) -> object:
    """Text that a spreadsheet shows and does not reckon with; numbers stay numbers. Null is an empty cell."""
    if not isinstance(value, str):
        return value
    return f"'{value}" if value.lstrip(" ").startswith(FIRST_OF_A_FORMULA) else value
