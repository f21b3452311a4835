// The health page: does this device's clock agree with the server's? Says so where they differ; sends nothing.
const FAR = 120_000; // milliseconds
const [answer] = performance.getEntriesByType("navigation");
const here = performance.timeOrigin + answer.responseStart;
const server = Date.parse(document.querySelector("[data-clock]").dateTime);
document.querySelector("[data-clocks-differ]").hidden = Math.abs(here - server) <= FAR;
