"""Names of spreadsheet functions in other languages, each with its name among ``foreign_names``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_FRENCH = """
année=annee médiane=mediane
"""
_GERMAN = """
wenn=si wenns=si.conditions wennfehler=sierreur und=et oder=ou nicht=non summe=somme summewenn=somme.si
summewenns=somme.si.ens mittelwert=moyenne mittelwertwenn=moyenne.si zählenwenn=nb.si zählenwenns=nb.si.ens
anzahl=nb sverweis=recherchev wverweis=rechercheh xverweis=recherchex verweis=recherche runden=arrondi links=gauche
rechts=droite teil=stxt länge=nbcar heute=aujourdhui jetzt=maintenant jahr=annee monat=mois tag=jour gross=majuscule
klein=minuscule glätten=supprespace verketten=concatener monatsende=fin.mois edatum=mois.decaler wurzel=racine
"""
_SPANISH = """
sumar.si=somme.si sumar.si.conjunto=somme.si.ens contar.si=nb.si suma=somme contar.si.conjunto=nb.si.ens
promedio=moyenne promedio.si=moyenne.si contar=nb buscarv=recherchev buscarh=rechercheh buscarx=recherchex
si.error=sierreur hoy=aujourdhui ahora=maintenant año=annee izquierda=gauche derecha=droite extrae=stxt largo=nbcar
mayusc=majuscule minusc=minuscule redondear=arrondi
"""
_ITALIAN = """
somma.se=somme.si somma.più.se=somme.si.ens conta.se=nb.si somma=somme conta.più.se=nb.si.ens cerca.vert=recherchev
cerca.x=recherchex se=si se.errore=sierreur oggi=aujourdhui adesso=maintenant anno=annee mese=mois sinistra=gauche
destra=droite arrotonda=arrondi concatena=concatener
"""
_PORTUGUESE = """
somase=somme.si somases=somme.si.ens cont.se=nb.si cont.ses=nb.si.ens procv=recherchev procx=recherchex
seerro=sierreur soma=somme hoje=aujourdhui esquerda=gauche direita=droite arred=arrondi
"""

SAME_NAMES: Mapping[str, str] = MappingProxyType(
    {
        name: same
        for language in (_FRENCH, _GERMAN, _SPANISH, _ITALIAN, _PORTUGUESE)
        for name, same in (pair.split("=") for pair in language.split())
    }
)
"""Names in small letters, with a name of ``FOREIGN_NAMES`` that is the same function."""
