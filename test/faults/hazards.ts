/** What must really occur, each in so many of a hundred stories at least, for the series to prove something. */
export const LEAST_PERCENT = 5;

const HAZARDS = [
  'inserted',
  'updated',
  'removed',
  'listed again',
  'redirected',
  'equal last updates',
  'indexed late, inside the overlap',
  'indexed late, beyond the overlap',
  'alert changed, incident moved',
  'alert changed, incident not moved',
  'arrays shuffled',
  'listed by creation',
  'Defender XDR API',
  'page repeats an item',
  'page skips an item',
  'nextLink expired',
  '$expand fails',
  '$expand fails for one incident',
  'alerts joined',
  'head handed over',
  'fails before it took effect: source',
  'fails before it took effect: table',
  'fails before it took effect: blobs',
  'fails before it took effect: queue',
  'answer lost: table',
  'answer lost: blobs',
  'answer lost: queue',
  'answered twice: source',
  'answered twice: table',
  'answered twice: blobs',
  'answered twice: queue',
  'slow',
  'process died before a call took effect',
  'process died after a call took effect',
  'frozen, and thawed after another run wrote',
  'etag lost',
  'lease stolen',
  'lease left by a dead run',
  'two at once',
  'overtaken, began again',
] as const;

/** Share of stories, in percent, in which each hazard occurred. */
export function sharesOf(
  hazards: Readonly<Record<string, number>>,
  played: number,
): { readonly hazard: string; readonly percent: number }[] {
  return HAZARDS.map((hazard) => ({ hazard, percent: (100 * (hazards[hazard] ?? 0)) / played }));
}
