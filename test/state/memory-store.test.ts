import { createMemoryStore } from '../support/memory-store.ts';
import { describeStores } from './store-contract.ts';

const store = createMemoryStore({ now: Date.now });
describeStores(() => store);
