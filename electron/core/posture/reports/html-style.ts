// How the HTML report looks: on a screen, light and dark, and on paper. Nothing in it is loaded from anywhere.

export const STYLE = `
:root { color-scheme: light dark; --back: #ffffff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --panel: #f6f8fa; --good: #116329; --bad: #a40e26; --doubt: #7a4b00; }
@media (prefers-color-scheme: dark) { :root { --back: #0d1117; --text: #e6edf3; --soft: #9da7b3; --line: #30363d; --panel: #161b22; --good: #56d364; --bad: #ff7b72; --doubt: #e3b341; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .35rem 0; }
.summary { font-size: 1.15rem; font-weight: 600; margin: 1rem 0; }
.soft { color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .75rem 0; }
dt { color: var(--soft); }
dd { margin: 0; }
article { border: 1px solid var(--line); border-radius: .4rem; padding: .75rem 1rem; margin: .75rem 0; }
table { width: 100%; border-collapse: collapse; margin: .5rem 0; table-layout: fixed; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; font-size: .85rem; }
th { background: var(--panel); font-weight: 600; }
td ul { list-style: none; margin: 0; padding: 0; }
td li + li { margin-top: .4rem; }
code { font: .82rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; }
.state { font-weight: 600; white-space: nowrap; }
.pass { color: var(--good); }
.fail { color: var(--bad); }
.accepted, .unknown, .stale { color: var(--doubt); }
.not-applicable { color: var(--soft); }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: .75rem; font-size: .85rem; color: var(--soft); }
@media print {
  :root { color-scheme: light; --back: #ffffff; --text: #000000; --soft: #444444; --line: #999999; --panel: #f2f2f2; --good: #0b4a1e; --bad: #8a0a1e; --doubt: #5c3900; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  article, tr { break-inside: avoid; }
  @page { margin: 18mm 15mm; }
}
`;
