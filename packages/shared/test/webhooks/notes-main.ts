import { runService } from '../../src/service/run-service.ts'
import { notes } from '../notes/notes.ts'

// A process of its own, for tests that kill it.
await runService(notes)
