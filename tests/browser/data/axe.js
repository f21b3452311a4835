async ([tags, enhanced, whole]) => {
  // Both rules of contrast: that of AAA passes over what that of AA finds.
  // What cells name as their headers takes axe most of its time on a long table, also where none names any.
  const rules = {
    "color-contrast-enhanced": { enabled: enhanced }, "target-size": { enabled: true },
    "td-headers-attr": { enabled: document.querySelector("[headers]") !== null },
  };
  // Sheets are not fetched once more: no rule that runs asks for them.
  const options = { runOnly: { type: "tag", values: tags }, rules, resultTypes: ["violations"], preload: false };
  const found = await axe.run(whole ? document : { include: [["html"]], exclude: [["[hidden]"]] }, options);
  // A bar at the edge lies over part of a target only until one scrolls: such a target is judged in the middle.
  const small = async ({ target }) => {
    document.querySelector(target[0]).scrollIntoView({ block: "center" });
    const again = await axe.run({ include: [target] }, { runOnly: ["target-size"], resultTypes: ["violations"], preload: false });
    return again.violations.length > 0;
  };
  for (const { id, nodes } of found.violations) {
    if (id !== "target-size") continue;
    const still = [];
    for (const node of nodes) if (await small(node)) still.push(node);
    nodes.splice(0, nodes.length, ...still);
    scrollTo(0, 0);
  }
  return found.violations.filter(({ nodes }) => nodes.length).map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) =>
    `${node.target} ${node.html.slice(0, 80)} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""}`).join(" | ")}`);
}
