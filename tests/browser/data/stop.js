() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const shown = one.matches("input[type=radio], input[type=checkbox]") ? one.closest("label") ?? one : one;
  shown.scrollIntoView({ block: "nearest" });
  const box = shown.getBoundingClientRect(), inner = one.getBoundingClientRect();
  const within = one.matches("iframe") ? one.contentDocument?.activeElement : null;
  const rings = (each) => { const how = getComputedStyle(each); return how.outlineStyle !== "none" && parseFloat(how.outlineWidth) >= 2; };
  const at = (x, y) => document.elementFromPoint(Math.min(Math.max(x, 1), innerWidth - 2), Math.min(Math.max(y, 1), innerHeight - 2));
  const over = at(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
  return {
    name: `${one.tagName.toLowerCase()}${one.id ? "#" + one.id : ""}${one.name ? "[" + one.name + "=" + one.value.slice(0, 12) + "]" : ""} ${one.textContent.trim().slice(0, 25)}`,
    // Within a date the browser itself marks the day, the month or the year.
    seen: one.matches("input[type=date]") || (within && (rings(within) || rings(within.closest("label") ?? within))) || rings(one) || rings(shown) || getComputedStyle(shown).boxShadow !== "none",
    hidden: !(over && (shown.contains(over) || over.contains(shown))),
    top: box.top + scrollY, start: document.dir === "rtl" || document.documentElement.dir === "rtl" ? -box.right : box.left,
    bottom: box.bottom + scrollY, bar: !!one.closest(".top, .foot, .skip"), inner: inner.width * inner.height,
  };
}
