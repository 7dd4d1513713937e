// What reaches beyond the edge, where the page can be scrolled sideways.
() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > width + 1);
  return wide.map((e) => `${e.tagName} ${e.className} ends at ${e.getBoundingClientRect().right} of ${width}`);
}
