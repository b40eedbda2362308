import { glob, readFile } from 'node:fs/promises'

type Report = {
  numPassedTests: number
  numFailedTests: number
  numTotalTestSuites: number
  success: boolean
}

/**
 * Adds up the reports that the test runners left in `reports/` folders and prints
 * `N passed, N failed`. Fails when a test failed, when a suite did not load, or when there is no report.
 */
let passed = 0
let failed = 0
let broken = false
for await (const path of glob('{packages,services}/*/reports/*.json')) await add(path)
for await (const path of glob('{gateway,scripts,test}/reports/*.json')) await add(path)

async function add(path: string): Promise<void> {
  const report = JSON.parse(await readFile(path, 'utf8')) as Report
  passed += report.numPassedTests
  failed += report.numFailedTests
  broken ||= !report.success
}

process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed > 0 || broken || passed === 0 ? 1 : 0
