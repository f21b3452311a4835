async ([tags, enhanced, whole]) => {
  // Both rules of contrast: that of AAA passes over what that of AA finds.
  const rules = { "color-contrast-enhanced": { enabled: enhanced }, "target-size": { enabled: true } };
  // Sheets are not fetched once more: no rule that runs asks for them.
  const options = { runOnly: { type: "tag", values: tags }, rules, resultTypes: ["violations"], preload: false };
  const found = await axe.run(whole ? document : { include: [["html"]], exclude: [["[hidden]"]] }, options);
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) =>
    `${node.target} ${node.html.slice(0, 80)} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""}`).join(" | ")}`);
}
