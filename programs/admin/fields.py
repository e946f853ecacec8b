"""Fields for the library's lists: one entry a line, or one row an entry. They need no JavaScript and name the line."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from clinic.plain_errors import plain

BLANK_ROWS = 2


class LinesField(forms.CharField):
    """A list as text, one entry a line. `among`: the entries that are allowed, if not all are."""

    def __init__(self, *, among: Iterable[str] = (), whole: bool = False, rows: int = 4, **kwargs: Any) -> None:
        self.among, self.whole = tuple(among), whole
        kwargs.setdefault("required", False)
        super().__init__(widget=forms.Textarea(attrs={"rows": rows, "cols": 60}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else "\n".join(self.lines_of(value))

    def to_python(self, value: Any) -> Any:
        found, faults = [], []
        for number, line in enumerate((super().to_python(value) or "").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                found.append(self.read(line.strip()))
            except ValueError as fault:
                faults.append(_("Line %(number)s: %(why)s") % {"number": number, "why": fault})
        if faults:
            raise ValidationError(faults)
        return self.gather(found)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or self.gather([])))
        except ValidationError:
            return True

    def lines_of(self, value: Any) -> Iterable[str]:
        """The stored value as lines."""
        return map(str, value)

    def read(self, line: str) -> Any:
        """One line as an entry. Raises ValueError with the reason, fit for the trainer."""
        if self.among and line not in self.among:
            choices = ", ".join(self.among)
            raise ValueError(_("“%(line)s” is none of: %(choices)s.") % {"line": line, "choices": choices})
        if not self.whole:
            return line
        if not line.isdecimal():
            raise ValueError(_("“%(line)s” is not a whole number.") % {"line": line})
        return int(line)

    def gather(self, entries: list[Any]) -> Any:
        """All entries as the stored value."""
        return entries


class SetsField(LinesField):
    """A list of lists: one set a line, its things with commas between."""

    def lines_of(self, value: Any) -> Iterable[str]:
        return (", ".join(row) for row in value)

    def read(self, line: str) -> list[str]:
        return _words(line)


class ByNameField(LinesField):
    """Lists under names, "name: one, two" a line. With `bare` a list without names may stand there instead."""

    def __init__(self, *, bare: bool = False, **kwargs: Any) -> None:
        self.bare = bare
        super().__init__(**kwargs)

    def lines_of(self, value: Any) -> Iterable[str]:
        if isinstance(value, Mapping):
            return (f"{name}: {', '.join(words)}" for name, words in value.items())
        return map(str, value)

    def read(self, line: str) -> Any:
        name, colon, words = (part.strip() for part in line.partition(":"))
        if not colon and self.bare:
            return line
        if not name or not _words(words):
            raise ValueError(_("“%(line)s” needs a name, a colon and what belongs to it.") % {"line": line})
        return name, _words(words)

    def gather(self, entries: list[Any]) -> Any:
        if entries and all(isinstance(entry, str) for entry in entries):
            return entries
        if any(isinstance(entry, str) for entry in entries):
            raise ValidationError(_("Either every line has a name and a colon, or none has."))
        named: dict[str, list[str]] = {}
        for name, words in entries:
            named.setdefault(name, []).extend(words)
        return named


class Sent(list[dict[str, Any]]):
    """Rows as a browser sent them, before anything was checked."""


class RowsWidget(forms.Widget):
    """A table: a row for each entry and a few empty ones. Its columns are the fields of the RowsField."""

    columns: Mapping[str, forms.Field]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        rows = [*(value or []), *[{}] * BLANK_ROWS]
        context = {
            "name": name,
            "heads": [column.label for column in self.columns.values()],
            "rows": [self._cells(name, number, row) for number, row in enumerate(rows, start=1)],
        }
        return render_to_string("admin/programs/rows.html", context)

    def _cells(self, name: str, number: int, row: Mapping[str, Any]) -> list[str]:
        """The cells of a row; each says which row and column it is to those who cannot see the table."""
        cells = []
        for key, column in self.columns.items():
            label = _("Row %(number)s, %(column)s") % {"number": number, "column": column.label}
            attrs = {**column.widget.attrs, "aria-label": label, "id": f"id_{name}-{number}-{key}"}
            shown = column.prepare_value(row.get(key, column.initial))
            cells.append(column.widget.render(f"{name}-{number}-{key}", shown, attrs))
        return cells

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Sent:
        rows = Sent()
        while any(f"{name}-{len(rows) + 1}-{key}" in data for key in self.columns):
            number = len(rows) + 1
            rows.append({key: data.get(f"{name}-{number}-{key}", "") for key in self.columns})
        return rows

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not self.value_from_datadict(data, files, name)

    def id_for_label(self, id_: str) -> str:
        return ""  # the table is named by its legend, each cell by itself


class RowsField(forms.Field):
    """Entries as rows of a table. Subclasses say how an entry becomes a row (`row_of`) and comes back (`read`)."""

    def __init__(self, *, columns: Mapping[str, forms.Field], **kwargs: Any) -> None:
        self.columns = dict(columns)
        widget = RowsWidget()
        widget.columns = self.columns
        super().__init__(widget=widget, required=False, **kwargs)
        self._share_columns()

    def __deepcopy__(self, memo: Any) -> "RowsField":
        copy = super().__deepcopy__(memo)
        copy.columns = {key: column.__deepcopy__(memo) for key, column in self.columns.items()}
        copy._share_columns()
        return copy

    def _share_columns(self) -> None:
        cast(RowsWidget, self.widget).columns = self.columns

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, Sent) else self.rows_of(value or self.gather([]))

    def to_python(self, value: Any) -> Any:
        found, faults = [], []
        for number, row in enumerate(value or [], start=1):
            # A column with an initial value is never empty: it does not make a row.
            if not any(str(row[key]).strip() for key, column in self.columns.items() if column.initial is None):
                continue
            try:
                found.append(self.read(self._clean_row(row)))
            except ValidationError as fault:
                faults += [_("Row %(number)s: %(why)s") % {"number": number, "why": why} for why in fault.messages]
        if faults:
            raise ValidationError(faults)
        return self.gather(found)

    def _clean_row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        cleaned, faults = {}, []
        for key, column in self.columns.items():
            try:
                cleaned[key] = column.clean(row[key])
            except ValidationError as fault:
                faults += [f"{column.label}: {why}" for why in plain(column, fault, row[key])]
        if faults:
            raise ValidationError(faults)
        return cleaned

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or self.gather([])))
        except ValidationError:
            return True

    def rows_of(self, value: Any) -> list[dict[str, Any]]:
        return list(value)

    def read(self, row: dict[str, Any]) -> Any:
        """One row, its columns cleaned, as an entry. Raises ValidationError with the reason."""
        return {key: value for key, value in row.items() if value not in ("", None, [])}

    def gather(self, entries: list[Any]) -> Any:
        return entries


class WordsField(forms.CharField):
    """A list on one line, with commas between. `among`: what may stand there, if not everything may."""

    among: Iterable[str] = ()

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        words = _words(super().to_python(value) or "")
        for word in words:
            if self.among and word not in self.among:
                raise ValidationError(_("“%(word)s” is not there.") % {"word": word})
        return words


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
