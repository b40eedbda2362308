/** A container of 20 feet in Algeciras with goods in it, as it is announced. */
export const ladenContainer = {
  ISOEquipmentCode: '22G1',
  tareWeight: 2_200,
  maximumGrossWeight: 30_480,
  isEmpty: false,
  UNLocationCode: 'ESALG',
}
