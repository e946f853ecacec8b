"""Line drawings that come with the software, by name: the code of a level or of a ladder in small letters."""

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "templates" / "partials" / "drawings"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.html")))
NO_DRAWING = "none"  # rather than the ladder's, which may show something else
