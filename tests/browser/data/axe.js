async ([tags, enhanced]) => {
  // What has the contrast of AAA has that of AA. Sheets and media are not fetched once more: no rule here asks for them.
  const rules = {
    "color-contrast": { enabled: !enhanced }, "color-contrast-enhanced": { enabled: enhanced }, "target-size": { enabled: true },
  };
  const found = await axe.run({ runOnly: { type: "tag", values: tags }, rules, resultTypes: ["violations"], preload: false });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) =>
    `${node.target} ${node.html.slice(0, 80)} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""}`).join(" | ")}`);
}
