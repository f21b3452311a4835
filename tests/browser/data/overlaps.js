() => {
  // What stays in place while the page moves under it lies over something by design.
  const stays = (one) => Boolean(one) && (["fixed", "sticky"].includes(getComputedStyle(one).position) || stays(one.parentElement));
  const all = [...document.querySelectorAll("main :is(a[href], button, summary, label.choice, input:not([type=radio], [type=checkbox], [type=hidden]), select, textarea, h1, h2, h3, legend, p)")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !stays(one))
    .map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => box.width > 2 && box.height > 2);
  const found = [];
  for (let at = 0; at < all.length; at += 1) for (let other = at + 1; other < Math.min(all.length, at + 12); other += 1) {
    const [one, a] = all[at], [two, b] = all[other];
    if (one.contains(two) || two.contains(one)) continue;
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left), high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    // Lines of a sentence stand closer than their boxes are high, which is no harm before half of them lies over the next.
    const least = [one, two].some((each) => getComputedStyle(each).display === "inline") ? Math.min(a.height, b.height) / 2 : 3;
    if (wide > 3 && high > least) found.push(`${one.tagName} ${one.textContent.trim().slice(0, 30)} over ${two.tagName} ${two.textContent.trim().slice(0, 30)}`);
  }
  return found;
}
