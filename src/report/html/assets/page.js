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
