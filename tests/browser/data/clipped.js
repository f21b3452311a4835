() => [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility({ visibilityProperty: true })
    && one.textContent.trim() && !one.closest(".sr, .visually-hidden, .skip, svg, select, textarea, template"))
  .filter((one) => one.clientWidth > 2 && one.clientHeight > 2 && !one.closest(".unseen"))
  .filter((one) => { const how = getComputedStyle(one);
    if (how.clipPath !== "none" || how.clip !== "auto") return false;  // for screen readers alone
    const hides = (way) => ["hidden", "clip"].includes(way);
    return (hides(how.overflowX) && one.scrollWidth > one.clientWidth + 1) || (hides(how.overflowY) && one.scrollHeight > one.clientHeight + 1)
      || how.textOverflow === "ellipsis" && one.scrollWidth > one.clientWidth + 1; })
  .map((one) => `${one.tagName}.${one.className} hides ${one.textContent.trim().slice(0, 50)}`)
