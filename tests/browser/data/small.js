() => [...document.querySelectorAll("a[href], button, summary, label.choice, input:not([type=hidden]), select, textarea")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("label.choice") | one.matches("label.choice"))
  .filter((one) => !(one.matches("a") && getComputedStyle(one).display === "inline" && one.parentElement.textContent.trim() !== one.textContent.trim()))
  .filter((one) => !one.matches(".skip"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 0 && (height < 43.9 || width < 43.9))
  .map(([one, { width, height }]) => `${one.tagName} ${(one.textContent.trim() || one.id).slice(0, 40)} ${width.toFixed()}x${height.toFixed()}`)
