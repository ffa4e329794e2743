"""The look and the filters of report.html: one style sheet and one script, both in the page."""

STYLE = """
:root{color-scheme:light dark;--ink:#1d1d1f;--faint:#5b5b60;--paper:#fafaf8;--card:#fff;--line:#d9d9d6;
--drift:#b3261e;--conform:#1b6e2e;--inconclusive:#8a5a00}
@media(prefers-color-scheme:dark){:root{--ink:#ececec;--faint:#a9a9ad;--paper:#151517;--card:#202023;--line:#3c3c40;
--drift:#ff8a80;--conform:#7fd492;--inconclusive:#f0bd62}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:72rem;color:var(--ink)}
html{background:var(--paper)}
h1{font-size:1.5rem;margin:.3rem 0}h2{font-size:1.2rem;margin:1.5rem 0 .5rem}
.drift{--tone:var(--drift)}.conform{--tone:var(--conform)}.inconclusive{--tone:var(--inconclusive)}
.verdict{font-weight:600;color:var(--tone)}
.counts{display:flex;flex-wrap:wrap;gap:.6rem;padding:0;list-style:none}
.counts li{background:var(--card);border:1px solid var(--line);border-top:.3rem solid var(--tone,var(--line));
border-radius:.4rem;padding:.4rem .9rem}
.counts b{display:block;font-size:1.5rem}
table{border-collapse:collapse;width:100%;background:var(--card)}
th,td{border:1px solid var(--line);padding:.35rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:600;white-space:nowrap;overflow-wrap:normal}.scroll table{min-width:30rem}a{color:inherit}
td.number{text-align:right;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}
form{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:center;position:sticky;top:0;background:var(--paper);
padding:.6rem 0;border-bottom:1px solid var(--line);z-index:1}
input[type=search],select{font:inherit;padding:.25rem .5rem;color:inherit;background:var(--card);
border:1px solid var(--line);border-radius:.3rem}
details{background:var(--card);border:1px solid var(--line);border-left:.35rem solid var(--tone);border-radius:.3rem;
margin:.6rem 0;padding:0 .9rem}
details[open]{padding-bottom:.7rem}details{scroll-margin-top:5rem}
summary{padding:.45rem 0;cursor:pointer;overflow-wrap:anywhere}
pre{background:#8881;padding:.5rem .7rem;overflow-x:auto;font-size:.85rem;white-space:pre-wrap;overflow-wrap:anywhere}
.faint,figcaption{color:var(--faint)}figcaption{font-size:.85rem}
.pictures{display:flex;flex-wrap:wrap;gap:.8rem}figure{margin:0;max-width:14rem}
img{max-width:100%;max-height:12rem;border:1px solid var(--line);image-rendering:pixelated;background:#8882}
svg{max-width:100%;height:3rem;color:var(--ink)}
[hidden]{display:none!important}
@media(max-width:44rem){form{position:static}details{scroll-margin-top:0}}
@media print{form{display:none}}
"""

SCRIPT = """
const form = document.querySelector("form"), cases = [...document.querySelectorAll("details[data-verdict]")];
const pictures = JSON.parse(document.getElementById("pictures").textContent);
function show() {
  const text = form.text.value.toLowerCase(), operation = form.operation.value;
  const verdicts = new Set([...form.querySelectorAll("[name=verdict]:checked")].map(box => box.value));
  let shown = 0;
  for (const one of cases) {
    const isShown = verdicts.has(one.dataset.verdict)
      && (!operation || one.dataset.operations.split(" ").includes(operation))
      && (!text || one.textContent.toLowerCase().includes(text));
    one.hidden = !isShown;
    shown += isShown;
  }
  form.querySelector("output").value = `${shown} of ${cases.length} cases`;
}
function fill(one) {
  for (const image of one.querySelectorAll("img[data-picture]")) {
    image.src = pictures[image.dataset.picture];
    image.removeAttribute("data-picture");
  }
}
for (const one of cases) {
  if (one.open) fill(one);
  one.addEventListener("toggle", () => one.open && fill(one));
}
function follow() {
  const one = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (one && one.dataset.verdict) { one.hidden = false; one.open = true; one.scrollIntoView(); }
}
form.addEventListener("input", show);
form.addEventListener("submit", event => event.preventDefault());
addEventListener("hashchange", follow);
addEventListener("beforeprint", () => cases.forEach(one => { one.open = true; fill(one); }));
show();
follow();
"""
