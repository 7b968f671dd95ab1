"""What takes place inside a conference: sub-forums that units propose, sessions, talks, speakers, the programme."""
