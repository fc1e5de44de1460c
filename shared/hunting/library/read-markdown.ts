import type { Platform } from '../query.ts';
import type { Draft, QueryFile } from './draft.ts';
import { type Fence, readBlocks, type Section } from './markdown-blocks.ts';
import { factsOf } from './markdown-facts.ts';
import { platformNamed } from './platform.ts';
import { PROBLEM, type ProblemSink } from './problem.ts';
import { withPlainLineEnds } from './read-kql.ts';

/** Tags of fences that hold queries in the collections; FalconFriday uses C# for its colours. */
const QUERY_TAGS: ReadonlySet<string> = new Set(['', 'kql', 'kusto', 'c#', 'csharp']);

/**
 * Reads the queries of a Markdown file: its fenced code blocks, with what the prose says of them. Where some blocks
 * stand under a heading for Defender XDR and others under one for Sentinel, the latter are the same queries again and
 * are left out.
 */
export function readMarkdown(source: QueryFile, sink: ProblemSink): readonly Draft[] {
  const { sections, fences } = readBlocks(source.text);
  const queries = fences.filter(
    ({ tag, start, end }) => QUERY_TAGS.has(tag) && source.text.slice(start, end).trim() !== '',
  );
  const open = queries.find(({ closed }) => !closed);
  if (open) {
    sink.error(
      PROBLEM.openFence,
      open.offset,
      'The code block that begins here has no end. Close it with ```.',
    );
    return [];
  }
  const facts = factsOf(sections);
  return chosen(queries, sections).map(({ fence, platform }) => ({
    format: 'markdown',
    ...withPlainLineEnds(source.text, fence.start, fence.end, (line) => indentOf(line, fence.indent)),
    offset: fence.offset,
    fields: platform === undefined ? facts : { ...facts, platform },
  }));
}

interface Variant {
  readonly fence: Fence;
  readonly platform: Platform | undefined;
}

/** First choice is Defender XDR. */
function chosen(fences: readonly Fence[], sections: readonly Section[]): readonly Variant[] {
  const variants = fences.map((fence) => ({ fence, platform: platformOf(fence.section, sections) }));
  const hasXdr = variants.some(({ platform }) => platform === 'xdr');
  return hasXdr ? variants.filter(({ platform }) => platform !== 'sentinel') : variants;
}

/** The nearest heading that names a platform, the file's title not counted: it is about the topic. */
function platformOf(index: number, sections: readonly Section[]): Platform | undefined {
  const title = sections.find((section) => section.level > 0);
  for (let place: number | undefined = index; place !== undefined; place = sections[place]?.parent) {
    const section: Section | undefined = sections[place];
    if (!section || section === title) return undefined;
    const platform = platformNamed(section.title);
    if (platform !== undefined) return platform;
  }
  return undefined;
}

/** As many blanks as the fence itself had before it. */
function indentOf(line: string, most: number): number {
  return Math.min(most, /^[ \t]*/.exec(line)?.[0].length ?? 0);
}
