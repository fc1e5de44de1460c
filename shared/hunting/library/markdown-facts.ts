import type { DraftFields } from './draft.ts';
import { plainWords, type Section } from './markdown-blocks.ts';
import { platformNamed } from './platform.ts';
import { sortTactics, tacticNamed, techniquesIn } from './tactics.ts';

const ADDRESS = /https?:\/\/[^\s<>()"'|\]]+/g;
const TICK = /^(?:v|x|yes|✓|✔|:heavy_check_mark:)$/i;
/** Sections that are read for something else than their words. */
const NOT_DETAILS =
  /^(?:query|queries|category|references?|see also|author|contributor|mitre|att&ck|metadata|utilized data|version history|detection$|query information|hunt tags|(?:detection )?description$|(?:microsoft )?defender|sentinel)/i;

/** What the prose of a Markdown file of the collections says of its queries. */
export function factsOf(sections: readonly Section[]): DraftFields {
  const prose = sections.map(({ prose }) => prose).join('\n');
  const rows = tableRows(prose);
  const { tactics, others } = sortTactics(rows.flatMap(tickedWord));
  const titled = sections.findIndex(({ title }) => title !== '');
  return {
    ...textField('id', boldField(prose, 'ID')),
    ...textField('name', sections[titled]?.title),
    ...textField('description', descriptionOf(sections, titled)),
    ...textField('details', detailsOf(sections, titled)),
    ...textField('author', boldField(prose, 'Contributor') ?? boldField(prose, 'Name')),
    ...platformField(boldField(prose, 'Platform')),
    tactics,
    tags: others,
    techniques: [
      ...new Set([
        ...rows.flatMap(splitTechnique),
        ...techniquesIn(withoutSplit(prose.replaceAll(ADDRESS, ''), rows)),
      ]),
    ],
    references: referencesOf(sections),
  };
}

function textField<Name extends 'id' | 'name' | 'description' | 'details' | 'author'>(
  name: Name,
  text: string | undefined,
): Pick<DraftFields, Name> | Record<string, never> {
  return text === undefined || text === '' ? {} : ({ [name]: text } as Pick<DraftFields, Name>);
}

function platformField(words: string | undefined): DraftFields {
  const platform = words === undefined ? undefined : platformNamed(words);
  return platform === undefined ? {} : { platform };
}

/** `**ID:** value`, `**ID**: value` or `**ID: value**`. */
function boldField(prose: string, name: string): string | undefined {
  const pattern = new RegExp(`^[-* ]{0,8}\\*\\*${name}(?::\\*\\*|\\*\\*:|:)[ \\t]*([^\\r\\n]*)`, 'im');
  return pattern.exec(prose)?.[1]?.replaceAll('**', '').trim();
}

/** Cells of the rows of all tables, without the line below the heading. */
function tableRows(prose: string): readonly (readonly string[])[] {
  return prose
    .split('\n')
    .filter((line) => /^\s*\|.*\|/.test(line) && !/^[\s|:-]+$/.test(line))
    .map((line) =>
      line
        .trim()
        .replaceAll(/^\||\|$/g, '')
        .split('|')
        .map((cell) => plainWords(cell)),
    );
}

/** The tactic of a ticked row (Microsoft), or of a row that begins with one's number (FalconFriday). */
function tickedWord([word = '', tick = '']: readonly string[]): readonly string[] {
  if (TICK.test(tick)) return [word];
  return /^TA\d{4}\b/.test(word) && tacticNamed(word) !== undefined ? [word] : [];
}

/** `| T1087 | 002 |`: number and sub-technique in cells of their own. */
function splitTechnique(cells: readonly string[]): readonly string[] {
  const place = cells.findIndex((cell) => /^T\d{4}$/.test(cell));
  const sub = cells[place + 1] ?? '';
  return place !== -1 && /^\d{3}$/.test(sub) ? [`${cells[place]}.${sub}`] : [];
}

/** The prose without techniques whose sub-technique stands in the next cell: it is the sub-technique that is meant. */
function withoutSplit(prose: string, rows: readonly (readonly string[])[]): string {
  const whole = new Set(rows.flatMap(splitTechnique).map((technique) => technique.slice(0, 5)));
  return whole.size === 0
    ? prose
    : prose.replaceAll(/\bT\d{4}\b(?!\.\d)/g, (name) => (whole.has(name) ? '' : name));
}

function descriptionOf(sections: readonly Section[], titled: number): string | undefined {
  const own = sections.find(({ title }) => /^(?:detection )?description$/i.test(title)) ?? sections[titled];
  return bodyOf(own);
}

/** Prose without tables, bold fields and rules. */
function bodyOf(section: Section | undefined): string | undefined {
  const text = section?.prose
    .split('\n')
    .filter((line) => !/^\s*(?:\||-{3,}\s*$|\*{3,}\s*$|\*\*[^*]+:\*\*)/.test(line))
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
  return text || undefined;
}

function detailsOf(sections: readonly Section[], titled: number): string {
  return sections
    .filter((section, index) => index > titled && !NOT_DETAILS.test(section.title))
    .flatMap((section) => {
      const body = bodyOf(section);
      return body === undefined ? [] : [`${section.title}\n${body}`];
    })
    .join('\n\n');
}

function referencesOf(sections: readonly Section[]): readonly string[] {
  const texts = sections
    .filter(({ title }) => /^(?:references?|see also)/i.test(title))
    .map(({ prose }) => prose);
  const addresses = texts.flatMap((prose) => prose.match(ADDRESS) ?? []);
  return [...new Set(addresses.map((address) => address.replace(/[.,;:]+$/, '')))];
}
