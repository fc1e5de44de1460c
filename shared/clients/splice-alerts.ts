import { elementsOf, type Member, membersOf, type Slice } from './raw-json.ts';

const ALERTS = 'alerts';
const LINK = 'alerts@odata.nextLink';

/**
 * The incident's text with further alerts at the end of its `alerts` array and without `alerts@odata.nextLink`;
 * every other character stays as it was. Where a key is repeated the last one counts. An incident without the
 * array gets one, as its last member.
 *
 * @param more Texts of the alerts that came in further pages.
 */
export function spliceAlerts(incident: string, more: readonly string[]): string {
  const members = membersOf(incident, incident.indexOf('{'));
  const alerts = members.findLast((member) => member.key === ALERTS);
  const link = members.findLast((member) => member.key === LINK);
  const replaced = alerts ?? link;
  const dropped = new Set(members.filter((member) => member.key === LINK && member !== replaced));
  const edits: Edit[] = [...dropped].map((member) => ({
    at: withItsComma(members, member, dropped),
    text: '',
  }));
  if (alerts) edits.push(appended(incident, alerts.value, more));
  else if (link) edits.push({ at: fromKey(link), text: `"${ALERTS}":[${more.join(',')}]` });
  else edits.push(newMember(incident, members.at(-1), more));
  return withEdits(incident, edits);
}

interface Edit {
  readonly at: Slice;
  readonly text: string;
}

function appended(text: string, value: Slice, more: readonly string[]): Edit {
  if (text[value.start] !== '[') return { at: value, text: `[${more.join(',')}]` };
  const { elements } = elementsOf(text, value.start);
  const last = elements.at(-1)?.end ?? value.start + 1;
  const joined = more.join(',');
  return {
    at: { start: last, end: last },
    text: elements.length > 0 && more.length > 0 ? `,${joined}` : joined,
  };
}

function newMember(text: string, last: Member | undefined, more: readonly string[]): Edit {
  const at = last?.value.end ?? text.indexOf('{') + 1;
  return { at: { start: at, end: at }, text: `${last ? ',' : ''}"${ALERTS}":[${more.join(',')}]` };
}

/** From the key to the next member, or, where nothing that stays follows, from the end of the one before. */
function withItsComma(members: readonly Member[], member: Member, dropped: ReadonlySet<Member>): Slice {
  const index = members.indexOf(member);
  const next = members[index + 1];
  if (next && members.slice(index + 1).some((later) => !dropped.has(later))) {
    return { start: member.keyStart, end: next.keyStart };
  }
  return { start: members[index - 1]?.value.end ?? member.keyStart, end: member.value.end };
}

const fromKey = (member: Member): Slice => ({ start: member.keyStart, end: member.value.end });

function withEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let from = 0;
  for (const edit of edits.toSorted((a, b) => a.at.start - b.at.start || a.at.end - b.at.end)) {
    result += text.slice(from, edit.at.start) + edit.text;
    from = edit.at.end;
  }
  return result + text.slice(from);
}
