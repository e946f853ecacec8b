// A form with data-passkey="create" or "get" asks the browser for a passkey and sends what it answers.
// Where browsers have none, the form stays hidden: the app's code works without a script.
for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.webauthnJSON.supported()) continue;
  form.hidden = false;
  for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
  const fault = form.querySelector("[role=alert][hidden]");
  form.querySelector("button[type=button]").addEventListener("click", async () => {
    const options = JSON.parse(form.querySelector("[data-options]").value);
    try {
      const credential = await window.webauthnJSON[form.dataset.passkey](options);
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch {
      // Refused by the person, out of time, or not possible at this address: the page says so.
      fault.hidden = false;
    }
  });
}
