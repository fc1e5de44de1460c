import { RunnerError } from './runner-error.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const FORM = /^(?:(\d+)\.)?(\d+):(\d{1,2})(?::(\d{1,2})(\.\d{1,7})?)?$/;

/**
 * Milliseconds of a .NET TimeSpan: `hh:mm:ss`, `d.hh:mm:ss`, `hh:mm`. As .NET reads it, a first part of
 * 24 or more counts days: `24:00:00` is `dd:hh:mm`.
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#timespan
 *
 * @throws RunnerError when the text is not a time span.
 */
export function parseTimeSpan(text: string): number {
  const match = FORM.exec(text.trim());
  if (match === null) throw new RunnerError(`"${text}" is not a time span; write it as hh:mm:ss`);
  const [, days, first = '0', second = '0', third = '0', fraction = ''] = match;
  if (days === undefined && Number(first) >= 24) {
    return fromParts(text, Number(first), Number(second), Number(third), 0);
  }
  return fromParts(text, Number(days ?? 0), Number(first), Number(second), Number(`${third}${fraction}`));
}

/** Whether the text has the form of a time span rather than of a cron expression. */
export function looksLikeTimeSpan(text: string): boolean {
  return FORM.test(text.trim());
}

function fromParts(text: string, days: number, hours: number, minutes: number, seconds: number): number {
  if (hours > 23 || minutes > 59 || seconds >= 60)
    throw new RunnerError(`"${text}" is not a time span: a part is too large`);
  return days * DAY + hours * HOUR + minutes * MINUTE + Math.round(seconds * SECOND);
}
