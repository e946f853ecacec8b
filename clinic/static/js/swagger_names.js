// What an operation unfolds is Swagger's own: its examples scroll out of the keyboard's reach, its choices have no name.
function mend() {
  for (const example of document.querySelectorAll("pre.microlight:not([tabindex])")) example.tabIndex = 0;
  for (const choice of document.querySelectorAll("select:not([aria-label])")) {
    const parameter = choice.closest("[data-param-name]")?.dataset.paramName;
    choice.setAttribute("aria-label", parameter ?? (choice.matches(".examples-select-element") ? "Example" : "Media type"));
  }
}

new MutationObserver(mend).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });
