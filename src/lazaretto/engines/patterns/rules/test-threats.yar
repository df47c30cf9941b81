/*
  Test threats: harmless by agreement, recognised by everybody.  Their strings stand here in pieces, so that this
  file is not itself a detection.
*/

rule eicar_test_file
{
  meta:
    description = "The anti-malware test file (EICAR, 2003), wherever a reader may find it near the start"
    reference = "https://www.eicar.org/download-anti-malware-testfile/"
    threat = "EICAR-Test-File"
    kind = "malware"
    severity = "high"
  strings:
    $text = { 58 35 4f 21 50 25 40 41 50 5b 34 5c 50 5a 58 35 34 28 50 5e 29 37 43 43 29 37 7d 24 45 49 43 41 52 2d
              53 54 41 4e 44 41 52 44 2d 41 4e 54 49 56 49 52 55 53 2d 54 45 53 54 2d 46 49 4c 45 21 24 48 2b 48 2a }
  condition:
    $text in (0..4096)
}

rule massmailer_test
{
  meta:
    description = "Our own test of a mass mailer: a message that exists only to spread and is purged whole"
    threat = "Massmailer-Test"
    kind = "massmailer"
    severity = "critical"
  strings:
    $text = { 58 4a 53 2a 4c 41 5a 41 52 45 54 54 4f 2d 4d 41 53 53 4d 41 49 4c 45 52 2d 54 45 53 54 2a }
  condition:
    $text
}

rule gtube
{
  meta:
    description = "Generic test for unsolicited bulk email (SpamAssassin)"
    reference = "https://spamassassin.apache.org/gtube/"
    threat = "GTUBE"
    kind = "spam"
    severity = "high"
  strings:
    $text = { 58 4a 53 2a 43 34 4a 44 42 51 41 44 4e 31 2e 4e 53 42 4e 33 2a 32 49 44 4e 45 4e 2a 47 54 55 42 45 2d
              53 54 41 4e 44 41 52 44 2d 41 4e 54 49 2d 55 42 45 2d 54 45 53 54 2d 45 4d 41 49 4c 2a 43 2e 33 34 58 }
  condition:
    $text
}
