// Runs before the page is drawn, so that what only works with scripts does not flash in later.
document.documentElement.classList.add("scripted");
