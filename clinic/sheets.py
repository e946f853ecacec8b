"""Text in cells of a spreadsheet: what a program there would run as a formula is defused, and read back as it was."""

RISKY = ("=", "+", "-", "@", "\t", "\r", "'")


def defused(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def as_typed(cell: str) -> str:
    """The text of a cell that `defused` may have written."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(RISKY) else cell
