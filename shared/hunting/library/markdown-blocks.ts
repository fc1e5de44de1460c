/** A fenced code block. Offsets are of the file. */
export interface Fence {
  /** Word behind the opening fence, lower case; empty for none. */
  readonly tag: string;
  readonly offset: number;
  /** The lines between the fences, without the last line end. */
  readonly start: number;
  readonly end: number;
  /** Blanks before the opening fence: a block in a list is indented as a whole. */
  readonly indent: number;
  readonly closed: boolean;
  /** Index of its section. */
  readonly section: number;
}

/** A heading and the prose below it, up to the next heading. The first section may have no heading. */
export interface Section {
  readonly title: string;
  readonly level: number;
  /** Text outside of code blocks. */
  readonly prose: string;
  /** Index of the section that this one is part of. */
  readonly parent?: number | undefined;
}

const FENCE = /^([ \t]*)(`{3,}|~{3,})[ \t]*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$/;
/** Longest line that is looked at as a heading or a cell: what is longer is none, and would take long. */
const MOST_OF_LINE = 1000;

interface OpenFence extends Omit<Fence, 'end' | 'closed'> {
  readonly mark: string;
}

/** Takes a Markdown text apart into sections and fenced code blocks (CommonMark 4.2, 4.5). */
export function readBlocks(text: string): {
  readonly sections: readonly Section[];
  readonly fences: readonly Fence[];
} {
  const sections: { title: string; level: number; prose: string[]; parent?: number | undefined }[] = [
    { title: '', level: 0, prose: [] },
  ];
  const fences: Fence[] = [];
  let open: OpenFence | undefined;
  for (let start = 0; start <= text.length; ) {
    const next = text.indexOf('\n', start);
    const end = next === -1 ? text.length : next;
    const line = text.slice(start, end).replace(/\r$/, '');
    if (open) {
      if (closes(line, open.mark)) {
        fences.push(fenceOf(open, start - 1, true));
        open = undefined;
      }
    } else {
      open = opened(line, start, end, sections.length - 1);
      if (!open) addLine(sections, line);
    }
    start = end + 1;
  }
  if (open) fences.push(fenceOf(open, text.length, false));
  return { sections: sections.map((section) => ({ ...section, prose: section.prose.join('\n') })), fences };
}

function opened(line: string, start: number, end: number, section: number): OpenFence | undefined {
  const [, blanks, mark, info] = FENCE.exec(line) ?? [];
  if (blanks === undefined || mark === undefined || info === undefined) return undefined;
  const tag = (info.trim().split(/\s/, 1)[0] ?? '').toLowerCase();
  return { tag, offset: start + blanks.length, start: end + 1, indent: blanks.length, section, mark };
}

function closes(line: string, mark: string): boolean {
  const [, , closing, info] = FENCE.exec(line) ?? [];
  return (
    closing !== undefined && info?.trim() === '' && closing[0] === mark[0] && closing.length >= mark.length
  );
}

function fenceOf({ mark: _mark, ...open }: OpenFence, end: number, closed: boolean): Fence {
  return { ...open, start: Math.min(open.start, Math.max(end, 0)), end: Math.max(end, open.start), closed };
}

function addLine(
  sections: { title: string; level: number; prose: string[]; parent?: number | undefined }[],
  line: string,
): void {
  const [, marks, title] = (line.length <= MOST_OF_LINE && HEADING.exec(line)) || [];
  if (marks === undefined || title === undefined) {
    sections.at(-1)?.prose.push(line);
    return;
  }
  const level = marks.length;
  // From the last section upwards: every one that is passed is as deep as this one or deeper.
  let parent: number | undefined = sections.length - 1;
  while (parent !== undefined && (sections[parent]?.level ?? 0) >= level) parent = sections[parent]?.parent;
  const isSection = parent !== undefined && sections[parent]?.level !== 0;
  sections.push({ title: plainWords(title), level, prose: [], parent: isSection ? parent : undefined });
}

/** Inline Markdown as plain words: no emphasis, code marks or links. */
export function plainWords(text: string): string {
  return text
    .slice(0, MOST_OF_LINE)
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[*`]+/g, '')
    .replaceAll(/(^|\s)_+|_+(?=\s|$)/g, '$1')
    .replaceAll(/\\([[\]()_#-])/g, '$1')
    .trim();
}
