import { join } from 'node:path'

/** The folder of the clone: everything that is started lies under it. */
export const repositoryRoot = join(import.meta.dirname, '..', '..')

/** Where `dev` keeps its data between starts. */
export const developmentStateDirectory = join(repositoryRoot, '.porttrack')
