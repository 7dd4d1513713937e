// Fields, buttons, links and images that a screen reader has no name for.
() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href], img")]
  .filter((e) => e.checkVisibility() && !(e.labels?.length || e.innerText?.trim() || e.hasAttribute("alt")
    || e.getAttribute("aria-label") || e.textContent.trim() || e.querySelector("img[alt]")))
  .map((e) => e.outerHTML)
