/** A bug put into the source of the sync when it is loaded. `find` must be there, exactly once. */
export interface DeliberateBug {
  readonly name: string;
  /** Below shared/. */
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

/** What the property test must notice, or it would prove nothing. */
export const DELIBERATE_BUGS: readonly DeliberateBug[] = [
  {
    name: 'the watermark is stored before what it stands for',
    file: 'incidents/head.ts',
    find: 'const incidents = await completeAlerts(context, page.items);',
    put: `context.session.stage({ head: { watermark: sight.began, passBegan: sight.began } });
      await context.session.commit([]);
      const incidents = await completeAlerts(context, page.items);`,
  },
  {
    name: 'no overlap',
    file: 'incidents/state.ts',
    find: 'return settled ? cursor.watermark : addMs(cursor.watermark, -overlapMs);',
    put: 'return cursor.watermark;',
  },
  {
    name: 'the time stands for the version',
    file: 'incidents/canonical.ts',
    find: '.update(canonicalText(text))',
    put: '.update(String(JSON.parse(text).lastUpdate))',
  },
  {
    name: 'arrays as they come in the version',
    file: 'incidents/canonical.ts',
    find: 'elements.sort().join()',
    put: 'elements.join()',
  },
  {
    name: 'annotations in the version',
    file: 'incidents/canonical.ts',
    find: "return name === '@odata.type' || !name.includes('@odata.');",
    put: 'return true;',
  },
  {
    name: 'the change feed outside of the transaction',
    file: 'incidents/store-incidents.ts',
    find: 'await session.commit(rows);',
    put: `const feed = rows.filter(({ key }) => key.startsWith('x|'));
      await session.commit(rows.filter((row) => !feed.includes(row)));
      if (feed.length > 0) await session.commit(feed);`,
  },
  {
    name: 'no fence',
    file: 'incidents/session.ts',
    find: "{ op: 'replace', key: STATE_KEY, columns, etag }",
    put: "{ op: 'put', key: STATE_KEY, columns }",
  },
  {
    name: 'an unconditional write',
    file: 'incidents/records.ts',
    find: "{ op: 'insert', key, columns }",
    put: "{ op: 'put', key, columns }",
  },
  {
    name: 'times cut to milliseconds',
    file: 'time.ts',
    find: 'BigInt(time.slice(20, 27))',
    put: "BigInt(time.slice(20, 23) + '0000')",
  },
  {
    name: 'a slice that follows nextLink',
    file: 'incidents/backfill.ts',
    find: "if (page.hasMore && !isOneTick(slice)) return setStretch(halved(stretch, slice));\n  const list = () => readWindow(context, slice, { withAlerts: stretch.kind !== 'sweep' });\n  const items = page.hasMore ? await readTickByPages(context, slice, list) : page.items;",
    put: `const items = [...page.items];
      if (page.hasMore) {
        items.length = 0;
        for await (const further of readWindow(context, slice)) items.push(...further.items);
      }`,
  },
  {
    name: 'sweeps left out',
    file: 'incidents/run.ts',
    find: 'startSweep(context);',
    put: '',
  },
  {
    name: 'the alerts left out',
    file: 'incidents/run.ts',
    find: 'const refused = await tryAlerts(context);',
    put: 'const refused = undefined;',
  },
  {
    name: 'incidents listed without their alerts are not completed',
    file: 'incidents/complete-alerts.ts',
    find: 'return (await readWhole(context, incident.id)).incident ?? incident;',
    put: 'return incident;',
  },
  {
    name: 'an error in a list is taken for its end',
    file: 'incidents/read-window.ts',
    find: 'if (!isAnswerTrouble(error) || context.overBudget()) throw error;',
    put: 'return;',
  },
  {
    name: 'what could not be read again is forgotten',
    file: 'incidents/pending.ts',
    find: 'if (pending.length > MAX_PENDING) throw otherwise;\n  session.stage({ pending });',
    put: '',
  },
  {
    name: 'the old index row stays',
    file: 'incidents/records.ts',
    find: "if (keyBefore !== undefined && (!wanted || keyBefore !== key)) writes.push({ op: 'drop', key: keyBefore });",
    put: '',
  },
  {
    name: 'a lost answer is taken for another run',
    file: 'incidents/session.ts',
    find: 'if (now && now.columns.writer === writer) return now.etag;',
    put: 'if (now && now.columns.writer === writer) throw error;',
  },
  {
    name: 'the checkpoint of a slice is stored before its incidents',
    file: 'incidents/backfill.ts',
    find: 'const whole = await completeAlerts(context, items);',
    put: `session.stage(thenStage);
      await session.commit([]);
      const whole = await completeAlerts(context, items);`,
  },
  {
    name: 'a window handed over is forgotten',
    file: 'incidents/head.ts',
    find: "stretches: withStretch(stretches, newStretch('incidents', from, began, true)),",
    put: '',
  },
  {
    name: 'what vanished is not marked',
    file: 'incidents/sweep.ts',
    find: 'for (const id of unknown) await markNotSeen(context, id, options.observedAt);',
    put: '',
  },
  {
    name: 'the blob after the row',
    file: 'incidents/store-incidents.ts',
    find: '(candidate) => putBlob(context, candidate),',
    put: 'async (candidate) => void setImmediate(() => putBlob(context, candidate).catch(() => {})),',
  },
  {
    name: 'a run with more to do tells nobody',
    file: 'incidents/run.ts',
    find: 'if (!more && paceMs === undefined) return',
    put: "if (more) return 'more';\n  if (!more && paceMs === undefined) return",
  },
];
