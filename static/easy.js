// The easy-read sheet: read aloud, where this device has a voice of its own. Without script the sheet is all there.
import { offerReading, stopReading } from "./speech.js";

const shown = () => [...document.querySelectorAll("[data-lines]")].map((section) => section.innerText).join("\n");

offerReading(document.querySelector("[data-read]"), document.documentElement.lang, shown);
addEventListener("amanah-leave", stopReading);
addEventListener("pagehide", stopReading);
