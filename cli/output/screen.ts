import { styleText } from 'node:util';

/** A colour or a way of writing, or several, as Node names them: `bold`, `red`, `['bold', 'red']` … */
export type Style = Parameters<typeof styleText>[0];

/** Where lines for people go. */
export interface Screen {
  readonly stream: NodeJS.WriteStream;
  readonly isTerminal: boolean;
  /** Width of the terminal; undefined when it is none, and nothing has to fit. */
  columns(): number | undefined;
  line(text?: string): void;
  /** Colours on a terminal without NO_COLOR; elsewhere the text as it is. */
  paint(style: Style, text: string): string;
}

const FALLBACK_COLUMNS = 100;

export function createScreen(stream: NodeJS.WriteStream = process.stdout): Screen {
  const isTerminal = stream.isTTY === true;
  return {
    stream,
    isTerminal,
    columns: () => (isTerminal ? stream.columns || FALLBACK_COLUMNS : undefined),
    line: (text = '') => void stream.write(`${text}\n`),
    paint: (style, text) => (isTerminal ? styleText(style, text, { stream }) : text),
  };
}
