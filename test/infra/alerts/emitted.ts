import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { OutriderError } from '../../../shared/errors.ts';
import { createSyncRig } from '../../support/sync-rig.ts';
import { ROOT } from '../project.ts';

/** Log events by name, with the names of their fields. */
export type Emitted = ReadonlyMap<string, ReadonlySet<string>>;

/** Every event that the code emits: from the text of shared/ and functions/, and from a sync that is really run. */
export async function emittedEvents(): Promise<Emitted> {
  const events = new Map<string, Set<string>>();
  for (const folder of ['shared', 'functions']) {
    const paths = await readdir(join(ROOT, folder), { recursive: true });
    for (const path of paths.filter((one) => one.endsWith('.ts'))) {
      eventsIn(await readFile(join(ROOT, folder, path), 'utf8'), events);
    }
  }
  for (const { event, fields = {} } of await eventsOfSync()) addTo(events, event, Object.keys(fields));
  return events;
}

/** `log.info('event', {…})`, for the checks' own samples as well. */
export function eventsIn(text: string, events: Map<string, Set<string>>): void {
  if (!/\.(info|warn|error)\(/.test(text)) return;
  const source = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true);
  const constants = new Map<string, ts.ObjectLiteralExpression>();
  const fixed = new Set(['event', 'correlationId']);
  const found: [string, ts.Expression | undefined][] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isVariableDeclaration(node) &&
      node.initializer &&
      ts.isObjectLiteralExpression(node.initializer)
    ) {
      constants.set(node.name.getText(), node.initializer);
    }
    if (ts.isCallExpression(node)) {
      const [first, second] = node.arguments;
      if (node.expression.getText() === 'withFields' && second && ts.isObjectLiteralExpression(second)) {
        for (const key of keysOf(second, constants)) fixed.add(key);
      }
      const isLog = /(^|\.)log\.(info|warn|error)$/i.test(node.expression.getText());
      if (isLog && first && ts.isStringLiteral(first)) found.push([first.text, second]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const [event, fields] of found) addTo(events, event, [...fixed, ...keysOf(fields, constants)]);
}

function keysOf(
  fields: ts.Expression | undefined,
  constants: ReadonlyMap<string, ts.ObjectLiteralExpression>,
): string[] {
  if (!fields) return [];
  if (ts.isIdentifier(fields)) return keysOf(constants.get(fields.text), constants);
  if (!ts.isObjectLiteralExpression(fields)) return [];
  return fields.properties.flatMap((property) =>
    ts.isSpreadAssignment(property)
      ? keysOf(property.expression, constants)
      : [property.name?.getText() ?? ''],
  );
}

function addTo(events: Map<string, Set<string>>, event: string, fields: readonly string[]): void {
  const known = events.get(event) ?? new Set();
  for (const field of fields) known.add(field);
  events.set(event, known);
}

async function eventsOfSync() {
  const rig = createSyncRig();
  await rig.settle();
  rig.source.before = () => {
    throw new OutriderError('upstream.unavailable', 'The service is down.', {
      serviceCode: 'x',
      trackingId: 'y',
    });
  };
  rig.clock.advance(60_000);
  await rig.run();
  return rig.events;
}
