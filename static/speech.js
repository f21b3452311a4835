// Reading aloud, where this device itself has a voice for the language. Voices that would send the text elsewhere are not used.
const speech = globalThis.speechSynthesis;

const voiceFor = (language) =>
  speech?.getVoices().find((voice) => voice.localService && voice.lang.split(/[-_]/)[0] === language.split("-")[0]);

/** Show the button once a voice is there; a press reads what `words()` gives, another press stops. */
export function offerReading(button, language, words) {
  if (!speech) return;
  const offer = () => { button.hidden = !voiceFor(language); };
  speech.addEventListener?.("voiceschanged", offer);
  offer();
  button.addEventListener("click", () => (speech.speaking ? speech.cancel() : read(words(), language)));
}

export const stopReading = () => speech?.cancel();

function read(text, language) {
  const spoken = new SpeechSynthesisUtterance(text);
  spoken.voice = voiceFor(language);
  spoken.lang = language;
  speech.speak(spoken);
}
