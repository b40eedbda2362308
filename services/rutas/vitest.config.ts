import { tests } from '../../vitest.shared.ts'

export default tests({ database: true, workers: 2, isolate: false })
