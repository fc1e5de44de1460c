/**
 * Loaded into an app's process before anything else: its time is the machine's, moved ahead as the parent says. The
 * minutes that a killed process's lease and the timer's next tick take then pass in seconds. TLS and the waits of
 * `setTimeout` stay in the present. The process ends with its parent.
 */
const MachineDate = globalThis.Date;
let aheadMs = Number(process.env.KILL_AHEAD_MS ?? 0);

globalThis.Date = class extends MachineDate {
  static override now(): number {
    return MachineDate.now() + aheadMs;
  }
  constructor(...when: [] | [number]) {
    super(...((when.length === 0 ? [MachineDate.now() + aheadMs] : when) as [number]));
  }
} as DateConstructor;

process.on('message', (ms) => {
  aheadMs = Number(ms);
});
process.once('disconnect', () => process.exit(0));
