import { appendFile } from 'node:fs/promises';
import { createVisitor } from '../lab/entra/visitor.ts';

// Plays a person with a browser, as `xdg-open ADDRESS [CODE]`: enters the code of a device where there is one, signs in
// as LAB_VISITOR, or presses Cancel when that is `cancel`, and goes where sign-in sends them. What they see last is added
// to the file LAB_VISITOR_SAW.

const [, , address = '', code] = process.argv;
const { LAB_VISITOR = '', LAB_VISITOR_SAW = '' } = process.env;
const visitor = createVisitor();
const opened = await visitor.open(address);
const first = code === undefined ? opened : await opened.submit(undefined, { otc: code });
const done = LAB_VISITOR === 'cancel' ? await first.submit('cancel') : await visitor.goOn(first, LAB_VISITOR);
const last = done.location ? await visitor.open(done.location) : done;
await appendFile(LAB_VISITOR_SAW, `${last.title}\n`);
