"""Text for a CSV file, which people open in a spreadsheet: there, a cell that begins like a formula is one."""

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "'")


def cell(value: object) -> object:
    """Text that a spreadsheet shows and does not reckon with; numbers stay numbers. Null is an empty cell."""
    return f"'{value}" if isinstance(value, str) and _is_risky(value) else value


def as_typed(text: str) -> str:
    """What was in a cell that `cell` may have written."""
    return text[1:] if text.startswith("'") and _is_risky(text[1:]) else text


def _is_risky(text: str) -> bool:
    return text.lstrip(" ").startswith(RISKY)
