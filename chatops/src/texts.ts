import type { Text } from '@porttrack/shared/http/language'
import type { Refusal } from './access.ts'

/** What the bot says, in both languages; the answer is in that of the command. */
export const texts = {
  refused: {
    room: {
      es: 'Aquí no escucho órdenes: pídelo en uno de los canales del archivo de accesos.',
      en: 'I take no commands here: ask in one of the rooms of the access file.',
    },
    person: {
      es: 'No sé quién eres. Pide que añadan tu identificador de Slack, con un papel, al archivo de accesos; se revisa como el código.',
      en: 'I do not know you. Ask for your Slack user id to be added, with a role, to the access file; it is reviewed like code.',
    },
    role: {
      es: 'Tu papel no permite esto. Los papeles están en el archivo de accesos: `releaser` para prod, `deployer` para test y staging.',
      en: 'Your role does not allow this. Roles stand in the access file: `releaser` for prod, `deployer` for test and staging.',
    },
  } satisfies Record<Refusal, Text>,
  unknown: {
    es: 'No entiendo eso. `ayuda` dice lo que sé hacer.',
    en: 'I do not understand that. `help` tells what I can do.',
  },
  failed: {
    es: 'No ha podido ser: quien tenía que responder no lo hace. Inténtalo otra vez; el registro dice más.',
    en: 'That did not work: who should have answered does not. Try again; the log says more.',
  },
  noAudit: {
    es: 'No puedo dejar constancia de ello, así que no hago nada.',
    en: 'I cannot keep a record of it, so I do nothing.',
  },
  noCode: {
    es: 'Ese código no vale: es de otra persona o canal, ya se usó o han pasado dos minutos.',
    en: 'That code is not good: it is another person’s or room’s, was used, or two minutes have passed.',
  },
  noIncident: { es: 'No ha habido ninguna incidencia.', en: 'There has been no incident.' },
  nothingDiffers: {
    es: 'Nada que desplegar: ya está todo como en staging.',
    en: 'Nothing to deploy: all is as in staging.',
  },
  noShip: { es: 'No hay ningún buque con ese número IMO.', en: 'No ship has that IMO number.' },
  badImo: {
    es: 'Eso no es un número IMO: son siete cifras, y la última comprueba las demás.',
    en: 'That is no IMO number: it has seven digits, and the last one checks the others.',
  },
  noCanary: { es: 'no tiene canario', en: 'has no canary' },
  busy: {
    es: 'Ya hay un despliegue de varios servicios en marcha. Espera a que acabe.',
    en: 'A deployment of several services is under way. Wait for its end.',
  },
  silent: {
    es: 'No me llegan alertas: hace demasiado que no oigo a PortTrackWatchdog.',
    en: 'No alerts reach me: I have not heard PortTrackWatchdog for too long.',
  },
  heardAgain: { es: 'Vuelven a llegarme alertas.', en: 'Alerts reach me again.' },
  help: {
    es: [
      '`despliegue <entorno> [servicio] [versión]`: sin servicio, todos los que difieren de staging, uno tras otro',
      '`revertir <servicio> <entorno>`: vuelve a la versión anterior',
      '`confirmar <código>`: lo que `prod` espera antes de hacer nada',
      '`estado [entorno]`: versiones y procesos',
      '`canary <servicio>`: qué parte de las llamadas recibe',
      '`alerta`: la última incidencia',
      '`barco <IMO>`: un buque y sus escalas',
    ].join('\n'),
    en: [
      '`deploy <environment> [service] [version]`: without a service all that differ from staging, one after another',
      '`rollback <service> <environment>`: goes back to the version before',
      '`confirm <code>`: what `prod` waits for before anything is done',
      '`status [environment]`: versions and processes',
      '`canary <service>`: what share of the callers it gets',
      '`alert`: the last incident',
      '`ship <IMO>`: a ship and its calls',
    ].join('\n'),
  },
} as const

/** Asks for the code of something that touches production. */
export const askForCode = (what: string, code: string): Text => ({
  es: `${what} en *prod*: escribe \`confirmar ${code}\` en este canal antes de dos minutos.`,
  en: `${what} in *prod*: write \`confirm ${code}\` in this room within two minutes.`,
})

/** How long something has lasted, in the two largest units. */
export const lasted = (seconds: number): string => {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  return first < 0
    ? '0 s'
    : parts
        .slice(first, first + 2)
        .map(([count, unit]) => `${count} ${unit}`)
        .join(' ')
}
