/** Longest id: it becomes part of storage keys and addresses. */
const MOST_CHARACTERS = 128;
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:#[1-9]\d*)?$/;

/** True for the id of a query: letters, digits, `.`, `_`, `-`; `#n` for a file's further queries. */
export function isQueryId(text: string): boolean {
  return text.length <= MOST_CHARACTERS && ID.test(text);
}

/** An id made of any text: `Office 365/Phish & Chips.md` is `office-365-phish-chips`. */
export function slugOf(text: string): string {
  const slug = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{Mark}+/gu, '')
    .replaceAll(/[^a-z0-9._]+/g, '-')
    .replaceAll(/^[-._]+|[-._]+$/g, '')
    .slice(-MOST_CHARACTERS)
    .replace(/^[-._]+/, '');
  return slug === '' ? 'query' : slug;
}

/** Ids that differ only in letter case are the same: storage keys and addresses may lose it. */
export function comparableId(id: string): string {
  return id.toLowerCase();
}
