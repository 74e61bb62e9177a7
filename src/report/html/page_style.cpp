#include "report/html/page_style.hpp"

#include <fmt/format.h>

#include "plot/charts/svg_markup.hpp"

namespace earmark::report {

namespace {

constexpr std::string_view light =
    "--paper:#fffefb;--text:#1d1f23;--soft:#5c6066;--rule:#d5d3cc;--strong-rule:#4a4c50;"
    "--link:#1a5c8a;--shade:#f4f2ec;--warn:#8a3b12;--warn-ground:#fdf1e7;--mark:#fff3c4;";
constexpr std::string_view dark =
    "--paper:#16181c;--text:#dfdfdc;--soft:#a3a6ab;--rule:#34373d;--strong-rule:#9a9ca0;"
    "--link:#86bfe6;--shade:#1f2228;--warn:#f0b48c;--warn-ground:#33231a;--mark:#3d3720;";

constexpr std::string_view rules = R"css(
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--text);font:1.0625rem/1.6 Charter,"Bitstream Charter","Source Serif 4",Cambria,Georgia,serif}
.page{max-width:77rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
header,h1,h2,h3,nav,table,figcaption,.note,.facts,.warning,button{font-family:system-ui,-apple-system,"Segoe UI","Noto Sans","DejaVu Sans",sans-serif}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem 1rem;z-index:2}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
a{color:var(--link);text-underline-offset:.15em}
header{display:flex;gap:1rem;align-items:flex-start;justify-content:space-between}
h1{font-size:clamp(1.55rem,4.5vw,2.3rem);line-height:1.18;letter-spacing:-.015em;margin:.4rem 0 1rem;text-wrap:balance}
h2{font-size:1.42rem;line-height:1.25;margin:3.5rem 0 .8rem;padding-top:.9rem;border-top:2px solid var(--strong-rule)}
h3{font-size:1.08rem;line-height:1.3;margin:2.4rem 0 .6rem}
p,ul{max-width:43rem}
p{margin:.7rem 0}
.byline,.note,figcaption{color:var(--soft);font-size:.875rem;line-height:1.5}
.note{margin:.35rem 0;max-width:46rem}
.leak{border-left:3px solid var(--rule);padding-left:1rem}
.leaky .leak{border-color:var(--warn)}
strong.leaky{display:inline-block;font-size:.72em;font-weight:650;letter-spacing:.04em;line-height:1;padding:.25em .5em;border-radius:.3em;vertical-align:.12em;color:var(--warn);background:var(--warn-ground);border:1px solid currentColor}
.warning{max-width:46rem;padding:.7rem 1rem;border-left:4px solid var(--warn);background:var(--warn-ground);font-size:.95rem}
nav{font-size:.92rem;border:1px solid var(--rule);border-radius:.5rem;padding:.8rem 1.2rem;margin:1.6rem 0;max-width:46rem}
nav h2{all:unset;display:block;font-weight:650;margin-bottom:.3rem}
nav ol{margin:0;padding-left:1.4rem}
nav ol ol{list-style:none;padding-left:.2rem;color:var(--soft)}
nav li{margin:.15rem 0}
.facts{display:grid;gap:.1rem;margin:1rem 0;font-size:.9rem}
.facts div{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:1rem;padding:.4rem 0;border-bottom:1px solid var(--rule)}
.facts dt{font-weight:600}
.facts dd{margin:0;overflow-wrap:anywhere}
code,pre{font-family:ui-monospace,"Cascadia Mono","DejaVu Sans Mono",Menlo,monospace;font-size:.86em}
pre{margin:.4rem 0;white-space:pre-wrap;overflow-wrap:anywhere;min-width:24rem;max-width:46rem}
.scroll{overflow-x:auto;margin:1.2rem 0 .6rem}
table{border-collapse:collapse;font-size:.8rem;line-height:1.35;font-variant-numeric:tabular-nums;border-bottom:1.5px solid var(--strong-rule)}
caption{text-align:left;font-weight:600;font-size:.92rem;padding:.2rem 0 .6rem}
caption span{display:block;position:sticky;left:0;width:fit-content;max-width:calc(100vw - 2rem)}
th,td{padding:.36rem .5rem;text-align:left;vertical-align:top}
thead th{border-top:1.5px solid var(--strong-rule);border-bottom:1px solid var(--strong-rule);vertical-align:bottom;font-weight:600}
tbody tr+tr>*{border-top:1px solid var(--rule)}
tbody th{font-weight:600;white-space:nowrap}
td:not(.number){min-width:7rem}
.number{text-align:right;white-space:nowrap}
thead .number{white-space:normal}
tbody tr:hover>*{background:var(--shade)}
tbody:target>tr>*,tr:target>*{background:var(--mark)}
th[scope=rowgroup]{background:var(--shade);font-size:.86rem;padding-top:.6rem}
.runs td,.runs th{white-space:nowrap}
.runs pre{white-space:pre-wrap}
.runs .failed{white-space:normal;min-width:20rem}
.failed{color:var(--warn)}
thead button{all:unset;cursor:pointer;font-weight:inherit;display:inline-block;position:relative;padding-right:.9em}
thead .number button{padding:0 0 0 .9em}
thead button::after{position:absolute;right:0;bottom:0;color:var(--soft)}
thead .number button::after{right:auto;left:0}
thead [aria-sort=ascending] button::after{content:"\2191"}
thead [aria-sort=descending] button::after{content:"\2193"}
thead button:focus-visible{outline:3px solid var(--link)}
figure{margin:1.6rem 0;overflow-x:auto}
figure svg{display:block;max-width:100%;height:auto}
figcaption{margin-top:.5rem;max-width:46rem}
.matrices{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));gap:1.2rem 2rem}
.matrices figure{margin:0}
#theme{cursor:pointer;font-size:.82rem;color:inherit;background:none;border:1px solid var(--rule);border-radius:.4rem;padding:.35rem .7rem;white-space:nowrap;margin-top:.6rem}
footer{margin-top:4rem;border-top:1px solid var(--rule);padding-top:1rem}
@media (max-width:40rem){
.page{padding:1rem .9rem 3rem}
.facts div{grid-template-columns:1fr;gap:.1rem}
figure svg{min-width:34rem}
.matrices figure svg{min-width:0}
tbody th[scope=row]{position:sticky;left:0;background:var(--paper);background-clip:padding-box}
pre{min-width:16rem}
}
@media print{
@page{size:A4;margin:15mm 12mm}
html{font-size:9.5pt}
body{font-size:1rem;background:none}
.page{max-width:none;padding:0}
#theme,.skip{display:none}
a{color:inherit;text-decoration:none}
nav{border:none;padding:0}
h2,h3,caption{break-after:avoid}
.protocol{break-before:page}
#appendix{break-before:page}
figure,tr{break-inside:avoid}
thead{display:table-header-group}
.scroll,figure{overflow:visible}
table{font-size:6.3pt}
th,td{padding:2pt}
.runs td,.runs th{white-space:normal}
.runs .number{white-space:normal}
.matrices{grid-template-columns:1fr 1fr;gap:6mm}
details{display:none}
}
)css";

constexpr std::string_view script = R"js(
(() => {
  const root = document.documentElement;
  const toggle = document.getElementById('theme');
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : system.matches;
  const label = () => { toggle.textContent = isDark() ? 'Light' : 'Dark'; };
  toggle.hidden = false;
  label();
  system.addEventListener('change', label);
  toggle.addEventListener('click', () => { root.dataset.theme = isDark() ? 'light' : 'dark'; label(); });

  // Numbers come before words, and empty cells last, whichever way the column is sorted.
  const rank = cell => cell.dataset.value !== undefined ? 0 : cell.textContent === '\u2013' ? 2 : 1;
  const compare = (a, b) => rank(a) === 0
    ? Number(a.dataset.value) - Number(b.dataset.value)
    : a.textContent.localeCompare(b.textContent);
  for (const table of document.querySelectorAll('table.sortable')) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.title = 'Sort by this column';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        const up = head.getAttribute('aria-sort') !== 'ascending';
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        const rows = [...table.tBodies[0].rows];
        rows.sort((one, other) => {
          const a = one.cells[column];
          const b = other.cells[column];
          return rank(a) - rank(b) || (up ? compare(a, b) : compare(b, a));
        });
        table.tBodies[0].append(...rows);
      });
    });
  }
})();
)js";

}  // namespace

std::string page_style() {
    const std::string day = std::string(light) + plot::SvgMarkup::colours(false);
    const std::string night = std::string(dark) + plot::SvgMarkup::colours(true);
    return fmt::format(
        ":root{{color-scheme:light;{}}}\n@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light])"
        "{{color-scheme:dark;{}}}}}\n@media screen{{:root[data-theme=dark]{{color-scheme:dark;{}}}}}\n{}{}",
        day, night, night, plot::SvgMarkup::rules(), rules);
}

std::string_view page_script() {
    return script;
}

}  // namespace earmark::report
