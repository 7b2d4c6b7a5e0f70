/* The live figures of lstm.html: one step of one unit, and how long a memory lasts. No library, no network. */
(() => {
  "use strict";
  const chinese = document.documentElement.lang.startsWith("zh");
  const tr = (english, translated) => (chinese ? translated : english);
  const sigmoid = (a) => 1 / (1 + Math.exp(-a));
  const say = (v) => (v < 0 ? "−" : "") + Math.abs(v).toFixed(2);
  const svg = (name, attributes, parent, text) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    if (parent) parent.append(node);
    return node;
  };

  const slider = (place, words, low, high, value, changed) => {
    const label = document.createElement("label");
    const name = document.createElement("span");
    name.innerHTML = words;
    const input = document.createElement("input");
    Object.assign(input, { type: "range", min: low, max: high, step: 0.01, value });
    const output = document.createElement("output");
    const told = () => { output.textContent = say(Number(input.value)); };
    input.addEventListener("input", () => { told(); changed(); });
    told();
    label.append(name, input, output);
    place.append(label);
    return () => Number(input.value);
  };

  const gate = (letter, text) => `<span class="gate gate-${letter}">${letter}</span> ${text}`;

  /* One step: sums in, gates, memory and output out. */
  const step = (place) => {
    place.textContent = "";
    const draw = () => {
      const [i, f, o, g] = [sigmoid(read.i()), sigmoid(read.f()), sigmoid(read.o()), Math.tanh(read.g())];
      const before = read.c(), after = f * before + i * g, shown = o * Math.tanh(after);
      const rows = [["i", tr("takes in", "写入"), i], ["f", tr("keeps", "保留"), f], ["o", tr("shows", "显示"), o],
        ["g", tr("would write", "打算写入"), g], ["c", tr("memory after", "之后的记忆"), after],
        ["h", tr("what it says", "单元的输出"), shown]];
      picture.replaceChildren();
      rows.forEach(([letter, words, value], row) => {
        const y = 14 + row * 26, middle = 380, unit = 90;
        svg("text", { x: 0, y: y + 5, style: `fill: var(--gate-${letter}); font-weight: 700` }, picture, letter);
        svg("text", { x: 20, y: y + 5 }, picture, words);
        svg("line", { x1: middle, x2: middle, y1: y - 12, y2: y + 14, stroke: "currentColor", opacity: 0.3 }, picture);
        const long = Math.max(-2.2, Math.min(2.2, value)) * unit;
        svg("rect", { x: middle + Math.min(0, long), y: y - 8, width: Math.abs(long), height: 16, rx: 3,
          style: `fill: var(--gate-${letter})` }, picture);
        svg("text", { x: 640, y: y + 5, "text-anchor": "end" }, picture, say(value));
      });
      words.textContent = `c = ${say(f)} · ${say(before)} + ${say(i)} · ${say(g)} = ${say(after)};  ` +
        `h = ${say(o)} · tanh(${say(after)}) = ${say(shown)}`;
    };
    const read = {};
    read.i = slider(place, gate("i", tr("its sum", "的和")), -6, 6, 1, () => draw());
    read.f = slider(place, gate("f", tr("its sum", "的和")), -6, 6, 2, () => draw());
    read.o = slider(place, gate("o", tr("its sum", "的和")), -6, 6, 1, () => draw());
    read.g = slider(place, gate("g", tr("its sum", "的和")), -3, 3, 0.8, () => draw());
    read.c = slider(place, gate("c", tr("before the step", "这一步之前")), -2, 2, -1, () => draw());
    const about = tr("The gates, the memory and the output", "门、记忆和输出");
    const picture = svg("svg", { viewBox: "0 0 650 160", role: "img", "aria-label": about });
    const words = document.createElement("p");
    place.append(picture, words);
    draw();
  };

  /* Fading: something is written at the first token, and then the gates stay as they are. */
  const fading = (place) => {
    place.textContent = "";
    const tokens = 40;
    const draw = () => {
      const f = read.f(), o = read.o();
      const kept = Array.from({ length: tokens + 1 }, (_, t) => f ** t);
      const shown = kept.map((c) => o * Math.tanh(c));
      const x = (t) => 40 + (600 * t) / tokens, y = (v) => 150 - 130 * v;
      picture.replaceChildren();
      for (const v of [0, 0.5, 1]) {
        svg("line", { x1: 40, x2: 640, y1: y(v), y2: y(v), stroke: "currentColor", opacity: 0.15 }, picture);
        svg("text", { x: 32, y: y(v) + 4, "text-anchor": "end" }, picture, v);
      }
      for (let t = 0; t <= tokens; t += 10) svg("text", { x: x(t), y: 170, "text-anchor": "middle" }, picture, t);
      const path = (values) => values.map((v, t) => `${t ? "L" : "M"}${x(t).toFixed(1)},${y(v).toFixed(1)}`).join("");
      svg("path", { d: path(kept), fill: "none", "stroke-width": 2.5, style: "stroke: var(--gate-c)" }, picture);
      svg("path", { d: path(shown), fill: "none", "stroke-width": 2.5, "stroke-dasharray": "6 4",
        style: "stroke: var(--gate-h)" }, picture);
      const long = `τ = −1 / ln f = ${(-1 / Math.log(f)).toFixed(1)} ${tr("tokens", "个词元")}`;
      const tau = f >= 1 ? tr("for ever", "永远") : f <= 0 ? tr("not at all", "完全记不住") : long;
      const [soon, late] = [kept[10], kept[tokens]].map((share) => (100 * share).toFixed(0));
      words.textContent = tr(
        `After 10 tokens ${soon} % is left, and ${late} % after ${tokens}. It remembers: ${tau}. Line: c, dashed: h.`,
        `10 个词元之后剩下 ${soon} %，${tokens} 个之后剩下 ${late} %。能记多久：${tau}。实线：c，虚线：h。`);
    };
    const read = {};
    read.f = slider(place, gate("f", tr("at every token", "在每个词元上")), 0, 1, 0.9, () => draw());
    read.o = slider(place, gate("o", tr("at every token", "在每个词元上")), 0, 1, 0.8, () => draw());
    const about = tr("What is left of a memory, token by token", "每个词元之后剩下的记忆");
    const picture = svg("svg", { viewBox: "0 0 650 175", role: "img", "aria-label": about });
    const words = document.createElement("p");
    place.append(picture, words);
    draw();
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-live=step]").forEach(step);
    document.querySelectorAll("[data-live=fading]").forEach(fading);
  });
})();
