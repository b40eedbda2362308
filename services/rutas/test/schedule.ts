import type { TestService } from '@porttrack/shared/testing/start-service'

/**
 * A voyage of a ship from Algeciras to Rotterdam, whose id it gives.
 *
 * @param times planned departure and arrival, RFC 3339
 */
export const scheduleVoyage = async (
  service: Pick<TestService<object>, 'request'>,
  MMSINumber: string,
  [plannedDeparture, plannedArrival]: readonly [string, string],
): Promise<string> => {
  const { body } = await service.request('POST', '/v1/voyages', {
    body: {
      MMSINumber,
      carrierVoyageNumber: '017W',
      calls: [
        { UNLocationCode: 'ESALG', plannedDeparture },
        { UNLocationCode: 'NLRTM', plannedArrival },
      ],
    },
  })
  return body.id
}
